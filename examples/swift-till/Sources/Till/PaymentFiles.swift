import Foundation
import Lipia

/// The till's memory: a file for each payment. It holds customers' numbers, so the folder is the app's own and out of its
/// backups.
public actor PaymentFiles: PaymentStore {
    private let folder: URL

    /// - Throws: where the folder cannot be made.
    public init(_ folder: URL) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.folder = folder
    }

    public func save(payment: Payment) async throws {
        try keep(payment)
    }

    /// All of them, the oldest first. A file that is no payment's is left alone.
    public func all() throws -> [Payment] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .compactMap(read)
            .sorted { $0.reservedAt < $1.reservedAt }
    }

    /// Announces a new payment and saves it, unless one was sent for its sale before: then that one is returned. One step, so
    /// that of two who claim a sale together the second finds what the first has made.
    func claim(_ payment: PaymentHandle) throws -> Payment? {
        let reference = payment.snapshot().push.accountReference
        if let known = try all().last(where: { $0.push.accountReference == reference && $0.standsForItsSale }) {
            return known
        }
        // From here on its file says that the phone may have been prompted, whatever happens to this process.
        try payment.begin()
        try keep(payment.snapshot())
        return nil
    }

    /// The payment is in its file, whole, before this returns: what is half written has another name, and a battery that is
    /// empty takes nothing that was flushed.
    private func keep(_ payment: Payment) throws {
        let file = folder.appendingPathComponent("\(payment.id).json")
        // What is saved late never undoes what is known already.
        if let known = read(file), known.revision >= payment.revision { return }
        let part = file.appendingPathExtension("part")
        let permissions: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: part.path, contents: nil, attributes: permissions) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let handle = try FileHandle(forWritingTo: part)
        try handle.write(contentsOf: Data(payment.toJson().utf8))
        try handle.synchronize()
        try handle.close()
        guard rename(part.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        // The new name is flushed with the folder.
        let descriptor = open(folder.path, O_RDONLY)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    private func read(_ file: URL) -> Payment? {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return try? Payment(json: text)
    }
}
