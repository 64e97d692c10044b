// The types that cross the border are part of this module's interface as they are made from the native library. What begins
// with `Native` is for this module alone.
@_exported import LipiaMobile
