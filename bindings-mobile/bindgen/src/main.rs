//! The generator of the Kotlin and Swift bindings to lipia-mobile: `lipia-bindgen generate --library … --language kotlin
//! --out-dir …`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
