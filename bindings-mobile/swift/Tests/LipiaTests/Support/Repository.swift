import Foundation

/// The repository that these tests stand in.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file of the core's: `vectors/phones.json`.
    static func core(_ path: String) throws -> Data {
        try Data(contentsOf: root.appendingPathComponent("core").appendingPathComponent(path))
    }

    /// The names in a folder of the core's.
    static func names(in path: String) throws -> [String] {
        let folder = root.appendingPathComponent("core").appendingPathComponent(path)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// What was built for these tests: `.ci/swift-test` says where.
    static func built(_ name: String) throws -> String {
        guard let folder = ProcessInfo.processInfo.environment["LIPIA_BUILT"] else {
            throw Failure("LIPIA_BUILT is not set: run these tests with .ci/swift-test")
        }
        return folder + "/" + name
    }
}

/// Why a test cannot go on.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
