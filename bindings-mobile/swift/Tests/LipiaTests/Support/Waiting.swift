import Foundation

/// How long anything on this machine may take before a test gives up on it.
let patience: Duration = .seconds(60)

/// What a call comes to, as long as it comes to it in time.
func inTime<Value: Sendable>(
    _ what: String, within limit: Duration = patience, _ call: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: call)
        group.addTask {
            try await Task.sleep(for: limit)
            throw Failure("\(what) took too long")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw Failure("\(what) came to nothing") }
        return value
    }
}

/// Waits until something holds that comes about by itself.
func eventually(_ what: String, _ holds: @escaping @Sendable () async throws -> Bool) async throws {
    try await inTime("that \(what)") {
        while try await !holds() { try await Task.sleep(for: .milliseconds(2)) }
    }
}

/// A value that several threads change.
final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Result>(_ use: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try use(&value)
    }

    var now: Value { with { $0 } }
}
