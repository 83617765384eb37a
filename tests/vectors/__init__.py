"""Files made and judged by other people's software: agreement with more than ourselves."""
