// swift-tools-version: 6.0

import PackageDescription

let package = Package(
    name: "swift-till",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        // What the iOS app has too: all but the terminal.
        .library(name: "Till", targets: ["Till"])
    ],
    dependencies: [.package(name: "Lipia", path: "../../bindings-mobile/swift")],
    targets: [
        .target(name: "Till", dependencies: ["Lipia"]),
        .executableTarget(name: "swift-till", dependencies: ["Till", "Lipia"]),
    ],
    swiftLanguageModes: [.v6]
)
