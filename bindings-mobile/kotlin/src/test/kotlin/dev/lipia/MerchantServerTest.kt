package dev.lipia

import com.sun.net.httpserver.HttpServer
import dev.lipia.support.test
import dev.lipia.support.text
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Test
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.LinkedBlockingQueue
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.time.Duration.Companion.minutes

/** The second way: an app for the public, which has a token of the merchant's server and no keys of a gateway. */
class MerchantServerTest {
    @Test
    fun `a push goes to the merchant's server, with its token and without a password`() = test {
        class Request(val path: String, val authorization: String?, val body: JsonObject)

        val requests = LinkedBlockingQueue<Request>()
        val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
        server.createContext("/") { exchange ->
            val body = Json.parseToJsonElement(exchange.requestBody.readBytes().decodeToString()) as JsonObject
            requests += Request(exchange.requestURI.path, exchange.requestHeaders.getFirst("authorization"), body)
            val answer = """{"MerchantRequestID":"29115-1","CheckoutRequestID":"ws_CO_22112026","ResponseCode":"0",
                "ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success"}""".encodeToByteArray()
            exchange.responseHeaders.add("content-type", "application/json")
            exchange.sendResponseHeaders(200, answer.size.toLong())
            exchange.responseBody.use { it.write(answer) }
        }
        server.start()
        try {
            val address = "http://127.0.0.1:${server.address.port}"
            val signedIn = CredentialsProvider { Credentials.accessToken("token-of-this-sign-in", "174379", 10.minutes) }
            val settings = ClientSettings(baseUrl = address, callbackUrl = "$address/results")
            Daraja(signedIn, settings).use { client ->
                assertEquals("ws_CO_22112026", client.stkPush(sale()).id)
            }
            val request = requests.single()
            assertEquals("Bearer token-of-this-sign-in", request.authorization)
            assertEquals("254712345678" to "150", request.body.text("PhoneNumber") to request.body.text("Amount"))
            assertFalse("Password" in request.body, "a password was made of nothing")
        } finally {
            server.stop(0)
        }
    }
}
