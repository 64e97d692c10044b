import Foundation

/// How long anything on this machine may take before a test gives up on it. What a process leaves behind when it is killed,
/// such as a question or a telling, is another's to take after up to a minute.
package let patience: Duration = .seconds(180)

/// What a call comes to, as long as it comes to it in time. One that never ends is left behind.
package func inTime<Value: Sendable>(
    _ what: String, within limit: Duration = patience, _ call: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let waiting = Guarded<CheckedContinuation<Value, any Error>?>(nil)
    let end = { @Sendable (result: Result<Value, any Error>) in
        waiting.with { waiting in
            waiting?.resume(with: result)
            waiting = nil
        }
    }
    return try await withCheckedThrowingContinuation { continuation in
        waiting.with { $0 = continuation }
        let calling = Task {
            do { end(.success(try await call())) } catch { end(.failure(error)) }
        }
        Task {
            try? await Task.sleep(for: limit)
            calling.cancel()
            end(.failure(SandboxFailure("\(what) took too long")))
        }
    }
}

/// Waits until something holds that comes about by itself.
package func eventually(_ what: String, _ holds: @escaping @Sendable () async throws -> Bool) async throws {
    try await inTime("that \(what)") {
        while try await !holds() { try await Task.sleep(for: .milliseconds(2)) }
    }
}

/// A value that several threads change.
package final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) {
        self.value = value
    }

    package func with<Result>(_ use: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try use(&value)
    }

    package var now: Value { with { $0 } }
}
