//! Writes the Kotlin and Swift that speak to lipia-mobile: `lipia-bindgen generate --library … --language kotlin --out-dir …`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
