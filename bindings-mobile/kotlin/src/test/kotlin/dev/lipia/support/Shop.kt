package dev.lipia.support

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import dev.lipia.LipiaException
import dev.lipia.ReceivedCallback
import dev.lipia.acceptedReply
import kotlinx.coroutines.runBlocking
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors

/** A shop's web server: it hands every callback to [receive], once it has a client, and remembers what came of it. */
class Shop : AutoCloseable {
    @Volatile
    var receive: (suspend (path: String, body: ByteArray) -> ReceivedCallback)? = null

    /** What came of each callback: its verdict, nothing where the payment is not held here, or the error's code. */
    val verdicts: List<String?> get() = heard.map { it.word }

    /** What went wrong in the shop itself. */
    val mistakes = ConcurrentLinkedQueue<Throwable>()

    private class Heard(val word: String?)

    private val heard = ConcurrentLinkedQueue<Heard>()
    // One thread: verdicts stand in the order in which the callbacks came.
    private val threads = Executors.newSingleThreadExecutor()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

    init {
        server.executor = threads
        server.createContext("/", ::take)
        server.start()
    }

    /** Where it takes callbacks. */
    val callbackUrl: String get() = "http://127.0.0.1:${server.address.port}/pay"

    private fun take(exchange: HttpExchange) {
        val body = exchange.requestBody.readBytes()
        val reply = acceptedReply().encodeToByteArray()
        exchange.responseHeaders.add("content-type", "application/json")
        exchange.sendResponseHeaders(200, reply.size.toLong())
        exchange.responseBody.use { it.write(reply) }
        val receive = receive ?: return
        try {
            heard += Heard(runBlocking { receive(exchange.requestURI.toString(), body) }.verdict?.word)
        } catch (error: LipiaException) {
            heard += Heard(error.code)
        } catch (error: Throwable) {
            mistakes += error
        }
    }

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }
}
