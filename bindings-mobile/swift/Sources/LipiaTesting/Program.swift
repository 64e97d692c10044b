import Foundation

#if os(macOS) || os(Linux)
    /// A program that runs beside the tests, and never longer than they do.
    package final class Program: @unchecked Sendable {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        private let ended = Guarded<Bool>(false)

        /// Starts it.
        package init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            // The shell ends the program as soon as its input is closed: when it is told to, and when the tests have ended in
            // whatever way. It does not wait for it: Foundation starts it with that signal blocked.
            let keeper = """
                "$@" & program=$!
                exec >/dev/null
                read -r end
                kill -s KILL "$program" 2>/dev/null
                """
            process.arguments = ["-c", keeper, "sh", path] + arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            let ended = ended
            process.terminationHandler = { _ in ended.with { $0 = true } }
            try process.run()
        }

        /// The next line that it writes; nothing once it has closed its output.
        package func line() async throws -> String? {
            let descriptor = output.fileHandleForReading.fileDescriptor
            return try await inTime("a line of the program") {
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async { continuation.resume(returning: readLine(from: descriptor)) }
                }
            }
        }

        /// Kills it.
        package func kill() async throws {
            try? input.fileHandleForWriting.close()
            let ended = ended
            try await eventually("the program has ended") { ended.now }
        }

        deinit {
            try? input.fileHandleForWriting.close()
        }
    }

    /// Byte by byte: nothing is read that the next line begins with.
    private func readLine(from descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
#endif
