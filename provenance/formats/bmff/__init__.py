"""ISO base media files: MP4, QuickTime, HEIF and their kin."""
