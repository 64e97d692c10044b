//! Linker options of the addon on each platform.

fn main() {
    napi_build::setup();
}
