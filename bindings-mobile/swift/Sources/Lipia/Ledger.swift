import Foundation

/// The ledger of a client: a file with its payments, in which one order has one payment, whatever happens to the app.
///
/// ```swift
/// let daraja = try Daraja(credentials: keychain, settings: settings, ledger: .file(url))
/// ```
///
/// The file is SQLite's, and so are the files beside it whose names begin with its name; `-secret` at the end is the secret of
/// the callback URLs. All of them hold customers' phone numbers. Keep them in a folder of the app's own, such as Application
/// Support. On Apple's platforms they are excluded from backups: a copy that is restored does not know what was paid since,
/// and sells it again. The newest sales are in the file with `-wal` at the end, and `-count` says how many there are: where
/// something else deletes or damages one of them, the ledger is refused with `ledger_corrupt`, and nothing is sent.
///
/// Without a ledger orders are known to one client, and until the app ends.
public struct Ledger: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let url: URL

    /// The ledger in a file. Nothing is opened before the first call that needs it; the folder must exist, and the file is made
    /// where there is none. Where the file cannot be used, calls end with a ``LipiaError`` whose code begins with `ledger_`,
    /// and nobody was prompted.
    ///
    /// - Parameter url: where the file is, as a file URL. A relative path is one below the folder that the program runs in.
    public static func file(_ url: URL) -> Ledger {
        Ledger(url: url)
    }

    /// Where the file is.
    public var description: String { "Ledger.file(\(url.path))" }

    /// The whole path, once the file is excluded from backups.
    ///
    /// - Throws: ``LipiaError``: the URL is not a file's.
    func opened() throws -> String {
        guard url.isFileURL else {
            throw LipiaError.here(
                .configuration, .correctSettings, "ledger_path_refused", "The ledger's URL is not the URL of a file.",
                "Give a file URL, such as one below the folder Application Support.", field: "ledger")
        }
        let path = url.absoluteURL.standardizedFileURL.path
        #if canImport(Darwin)
            Ledger.makeOwn(path)
            for suffix in ["", "-wal", "-shm", "-count", "-secret"] { Ledger.excludeFromBackup(path + suffix) }
        #endif
        return path
    }

    #if canImport(Darwin)
        /// Makes the file where there is none, for its owner alone: only a file that is there can be excluded from backups. An
        /// empty file is a new database.
        private static func makeOwn(_ path: String) {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { close(descriptor) }
        }

        /// Excludes a file from backups, where it is there. SQLite reads nothing from a file beside a database that is not there.
        private static func excludeFromBackup(_ path: String) {
            var file = URL(fileURLWithPath: path)
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try? file.setResourceValues(values)
        }
    #endif
}
