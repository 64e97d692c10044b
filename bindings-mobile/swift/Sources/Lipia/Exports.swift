// The types that cross the border are part of this module's interface, as they are generated from the native library. Names that
// begin with `Native` are for this module alone.
@_exported import LipiaMobile
