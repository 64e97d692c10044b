package dev.lipia.till

import dev.lipia.LipiaException
import dev.lipia.Payment
import dev.lipia.PaymentHandle
import dev.lipia.PaymentStore
import dev.lipia.begin
import dev.lipia.readPayment
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE

/**
 * The till's memory: a file for each payment. It holds customers' numbers, so the folder is the app's own (`filesDir` on
 * Android, and out of its backups).
 *
 * @throws IOException where the folder cannot be made.
 */
class PaymentFiles(private val folder: Path) : PaymentStore {
    private val oneAtATime = Mutex()

    init {
        Files.createDirectories(folder)
        // Only where the owner's rights can be told from others'; elsewhere the folder is as its parent is.
        folder.toFile().apply {
            setReadable(false, false) && setReadable(true, true)
            setExecutable(false, false) && setExecutable(true, true)
        }
    }

    override suspend fun save(payment: Payment): Unit = inOrder { keep(payment) }

    /** All of them, the oldest first. A file that is no payment's is left alone. */
    suspend fun all(): List<Payment> = inOrder(::read)

    /**
     * Announces a new payment and saves it, unless one was sent for its sale before: then that one is returned. One step, so
     * that of two who claim a sale together the second finds what the first has made.
     */
    suspend fun claim(payment: PaymentHandle): Payment? = inOrder {
        val reference = payment.snapshot().push.accountReference
        val known = read().lastOrNull { it.push.accountReference == reference && it.standsForItsSale }
        if (known == null) {
            // From here on its file says that the phone may have been prompted, whatever happens to this process.
            payment.begin()
            keep(payment.snapshot())
        }
        known
    }

    private suspend fun <T> inOrder(step: () -> T): T = withContext(Dispatchers.IO) { oneAtATime.withLock { step() } }

    private fun keep(payment: Payment) {
        val file = folder.resolve("${payment.id}$ENDING")
        // What is saved late never undoes what is known already.
        if ((read(file)?.revision ?: -1) < payment.revision) replace(file, payment.toJson())
    }

    private fun read(): List<Payment> =
        Files.newDirectoryStream(folder, "*$ENDING").use { files -> files.mapNotNull(::read) }.sortedBy { it.reservedAt }

    private fun read(file: Path): Payment? =
        if (!Files.exists(file)) {
            null
        } else {
            try {
                readPayment(String(Files.readAllBytes(file), Charsets.UTF_8))
            } catch (_: LipiaException) {
                null
            }
        }

    /**
     * The payment is in its file, whole, when this returns: what is half written has another name, and a battery that is
     * pulled out takes nothing that was flushed.
     */
    private fun replace(file: Path, text: String) {
        val part = folder.resolve("${file.fileName}.part")
        FileChannel.open(part, CREATE, WRITE, TRUNCATE_EXISTING).use { channel ->
            val bytes = ByteBuffer.wrap(text.toByteArray())
            while (bytes.hasRemaining()) channel.write(bytes)
            channel.force(true)
        }
        Files.move(part, file, ATOMIC_MOVE)
        // The new name is flushed with the folder, where the system lets a folder be opened.
        try {
            FileChannel.open(folder, READ).use { it.force(true) }
        } catch (_: IOException) {
            return
        }
    }

    private companion object {
        const val ENDING = ".json"
    }
}
