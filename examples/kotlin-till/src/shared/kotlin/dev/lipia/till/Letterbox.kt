package dev.lipia.till

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL

/**
 * Where a phone hears of callbacks. M-Pesa cannot post to a phone, so it posts to the merchant's server, which keeps what
 * came to a payment's own URL and gives it to who asks at that URL: nobody else knows it. `examples/relay` is such a server.
 */
fun interface Letterbox {
    /** The body that was posted to that URL, as it came; `null` where nothing came yet, or nobody can be asked. */
    suspend fun look(callbackUrl: String): ByteArray?
}

/** The letterbox at the callback URL itself. */
object ServersLetterbox : Letterbox {
    private const val LONGEST_MILLISECONDS = 5_000
    private const val LARGEST_BYTES = 64 * 1024

    override suspend fun look(callbackUrl: String): ByteArray? = runInterruptible(Dispatchers.IO) {
        try {
            get(callbackUrl)
        } catch (_: IOException) {
            // Nothing is lost by it: M-Pesa is asked as well.
            null
        }
    }

    private fun get(callbackUrl: String): ByteArray? {
        val connection = URL(callbackUrl).openConnection() as HttpURLConnection
        connection.connectTimeout = LONGEST_MILLISECONDS
        connection.readTimeout = LONGEST_MILLISECONDS
        connection.instanceFollowRedirects = false
        try {
            if (connection.responseCode != HttpURLConnection.HTTP_OK) return null
            val body = ByteArray(LARGEST_BYTES + 1)
            var length = 0
            connection.inputStream.use { stream ->
                while (length < body.size) {
                    val read = stream.read(body, length, body.size - length)
                    if (read < 0) break
                    length += read
                }
            }
            return body.copyOf(length).takeIf { length <= LARGEST_BYTES }
        } finally {
            connection.disconnect()
        }
    }
}
