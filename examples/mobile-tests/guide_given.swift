// What the guide's blocks are given by the app that they stand in.
import Foundation

struct Keys: Sendable {
    let consumerKey, consumerSecret, shortCode, passKey: String
}

protocol Keychain: Sendable {
    func read() async throws -> Keys
}

struct Session: Sendable {
    let token: String
    let lifetime: TimeInterval
}

protocol Server: Sendable {
    func signIn() async throws -> Session
    func get(_ url: String) async throws -> Data?
}

protocol Database: Sendable {
    func put(_ id: String, _ revision: Int64, _ json: String) async throws
    func all() async throws -> [String]
}
