"""`c2pa.metadata`: which fields of which schemas it may hold.

Versions 2.2 and 2.3 reject others; from 2.4 on only generators are held to the list, which grows.
The names are those of all these versions together: what none of them has is certainly outside.
Source: C2PA 2.4, Appendix B; 2.2 §15.10.3.2.3.
"""

from collections.abc import Iterator
from typing import Any

__all__ = ["NAME", "unlisted"]

NAME = "c2pa.metadata"

_WHOLE = {  # schemas of which every field is allowed
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpTPg": "http://ns.adobe.com/xap/1.0/t/pg/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}
_PARTS = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
}
_FIELDS = {
    "dc": ("coverage created date format identifier language modified relation title type"),
    "Iptc4xmpCore": "Scene",
    "Iptc4xmpExt": (
        "DigImageGUID DigitalSourceType EventId Genre ImageRating ImageRegion LocationCreated "
        "LocationShown MaxAvailHeight MaxAvailWidth RegistryId"
    ),
    "exif": (
        "ApertureValue BrightnessValue CFAPattern ColorSpace CompressedBitsPerPixel Contrast "
        "CustomRendered DateTimeDigitized DateTimeOriginal DeviceSettingDescription "
        "DigitalZoomRatio ExifVersion ExposureBiasValue ExposureIndex ExposureMode "
        "ExposureProgram ExposureTime FNumber FileSource Flash FlashEnergy FlashpixVersion "
        "FocalLength FocalLengthIn35mmFilm FocalPlaneResolutionUnit FocalPlaneXResolution "
        "FocalPlaneYResolution GPSAltitude GPSAltitudeRef GPSDOP GPSDateStamp GPSDestBearing "
        "GPSDestBearingRef GPSDestDistance GPSDestDistanceRef GPSDestLatitude GPSDestLongitude "
        "GPSDifferential GPSHPositioningError GPSImgDirection GPSImgDirectionRef GPSLatitude "
        "GPSLongitude GPSMapDatum GPSMeasureMode GPSProcessingMethod GPSSatellites GPSSpeed "
        "GPSSpeedRef GPSStatus GPSTimeStamp GPSTrack GPSTrackRef GPSVersionID GainControl "
        "ISOSpeedRatings ImageUniqueID LightSource MaxApertureValue MeteringMode OECF "
        "OffsetTimeOriginal PixelXDimension PixelYDimension RelatedSoundFile Saturation "
        "SceneCaptureType SceneType SensingMethod Sharpness ShutterSpeedValue "
        "SpatialFrequencyResponse SpectralSensitivity SubjectArea SubjectDistance "
        "SubjectDistanceRange SubjectLocation WhiteBalance"
    ),
    "exifEX": (
        "Acceleration BodySerialNumber CameraElevationAngle CameraFirmware CompositeImage Gamma "
        "Humidity ISOSpeed ISOSpeedLatitudeyyy ISOSpeedLatitudezzz ImageEditingSoftware "
        "ImageUniqueID InteroperabilityIndex LensMake LensModel LensSerialNumber "
        "LensSpecification MetadataEditingSoftware PhotographicSensitivity Pressure "
        "RAWDevelopingSoftware RecommendedExposureIndex SensitivityType "
        "SourceExposureTimesOfCompositeImage SourceImageNumberOfCompositeImage "
        "StandardOutput-Sensitivity Temperature WaterDepth"
    ),
    "photoshop": (
        "Category City ColorMode Country DateCreated DocumentAncestors History ICCProfile State "
        "SupplementalCategories TextLayers TransmissionReference Urgency"
    ),
    "tiff": (
        "BitsPerSample Compression DateTime ImageLength ImageWidth Make Model Orientation "
        "PhotometricInterpretation PlanarConfiguration PrimaryChromaticities "
        "ReferenceBlackWhite ResolutionUnit SamplesPerPixel Software TransferFunction "
        "WhitePoint XResolution YCbCrCoefficients YCbCrPositioning YCbCrSubSampling YResolution"
    ),
    "xmpDM": (
        "Tracks absPeakAudioFilePath album altTapeName altTimecode audioChannelType "
        "audioCompressor audioSampleRate audioSampleType beatSpliceParams cameraAngle "
        "cameraLabel cameraModel cameraMove comment contributedMedia discNumber duration "
        "fileDataRate genre good instrument introTime key logComment loop lyrics markers "
        "numberOfBeats outCue partOfCompilation projectName projectRef pullDown "
        "relativePeakAudioFilePath relativeTimestamp releaseDate resampleParams scaleType scene "
        "shotDate shotDay shotLocation shotName shotNumber shotSize speakerPlacement "
        "startTimecode stretchMode takeNumber tapeName tempo timeScaleParams timeSignature "
        "trackNumber videoAlphaMode videoAlphaPremultipleColor videoAlphaUnityIsTransparent "
        "videoColorSpace videoCompressor videoFieldOrder videoFrameRate videoFrameSize "
        "videoPixelAspectRatio videoPixelDepth"
    ),
    "plus": (
        "FileNameAsDelivered FirstPublicationDate ImageFileFormatAsDelivered "
        "ImageFileSizeAsDelivered ImageType Version"
    ),
}
_ALLOWED = {_PARTS[prefix]: frozenset(names.split()) for prefix, names in _FIELDS.items()}
_PREFIXES = _WHOLE | _PARTS


def unlisted(value: Any) -> Iterator[str]:
    """The fields of such an assertion that the lists do not have, as they are spelled there.

    A prefix means what `@context` says, else what it usually stands for.
    """
    if not isinstance(value, dict):
        return
    told = value.get("@context")
    contexts = told if isinstance(told, list) else [told]
    prefixes = dict(_PREFIXES)
    for one in contexts:
        if isinstance(one, dict):
            prefixes |= {key: name for key, name in one.items() if isinstance(name, str)}
    for key in value:
        if key.startswith("@"):
            continue
        prefix, _, name = key.partition(":")
        schema = prefixes.get(prefix, "") if name else ""
        if schema in _WHOLE.values() or name in _ALLOWED.get(schema, ()):
            continue
        yield key
