// swift-tools-version: 6.0

import Foundation
import PackageDescription

// What the generated Swift calls: on Apple's platforms the XCFramework, once it is beside this file; elsewhere, and before
// that, a library of this machine, which the linker is to find (see README.md).
let framework = "LipiaFFI.xcframework"
let hasFramework = FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + framework)
let native: Target =
    hasFramework ? .binaryTarget(name: "LipiaFFI", path: framework) : .systemLibrary(name: "LipiaFFI")

let package = Package(
    name: "Lipia",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "Lipia", targets: ["Lipia"]),
        .library(name: "LipiaTesting", targets: ["LipiaTesting"]),
    ],
    targets: [
        native,
        // Made by uniffi (`.ci/mobile-bindings`), and a module of its own: compilers of Swift 6.0 that check themselves, such as
        // Debian's, end with an error of their own on it in the language mode 6.
        .target(name: "LipiaMobile", dependencies: ["LipiaFFI"], swiftSettings: [.swiftLanguageMode(.v5)]),
        .target(name: "Lipia", dependencies: ["LipiaMobile"], resources: [.copy("PrivacyInfo.xcprivacy")]),
        .target(name: "LipiaTesting", dependencies: ["Lipia"]),
        .executableTarget(name: "shop", dependencies: ["Lipia"], path: "Tests/Shop"),
        .testTarget(name: "LipiaTests", dependencies: ["Lipia", "LipiaTesting"]),
    ],
    swiftLanguageModes: [.v6]
)
