package dev.lipia

import java.io.File
import java.nio.file.Path

/**
 * The ledger of a client: a file with its payments, in which one order has one payment, whatever happens to the app.
 *
 * ```
 * val daraja = Daraja(credentials, settings, ledger = Ledger.file(noBackupFilesDir.resolve("payments.db")))
 * ```
 *
 * The file is SQLite's, and so are the files beside it whose names begin with its name; `-secret` at the end is the secret of
 * the callback URLs. All of them hold customers' phone numbers. Keep them in a folder of the app's own that no backup has
 * (`noBackupFilesDir` on Android): a copy that is restored does not know what was paid since, and sells it again. The newest
 * sales are in the file with `-wal` at the end, and `-count` says how many there are: where something else deletes or damages one of
 * them, or puts an older copy back beside the count, the ledger is refused with `ledger_corrupt`, and nothing is sent.
 *
 * Without a ledger orders are known to one client, and until the app ends.
 */
public class Ledger private constructor(internal val path: String) {
    override fun toString(): String = "Ledger.file($path)"

    override fun equals(other: Any?): Boolean = other is Ledger && other.path == path

    override fun hashCode(): Int = path.hashCode()

    /** Makes ledgers. */
    public companion object {
        /**
         * The ledger in a file. Nothing is opened before the first call that needs it; the folder must exist, and the file is made
         * where there is none.
         *
         * @param path where the file is. A relative path is one below the folder that the program runs in.
         */
        @JvmStatic
        public fun file(path: File): Ledger = Ledger(path.absolutePath)

        /** The ledger in a file, by its [Path]. */
        @JvmStatic
        public fun file(path: Path): Ledger = Ledger(path.toAbsolutePath().toString())
    }
}
