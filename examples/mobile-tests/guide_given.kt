// What the guide's blocks are given by the app that they stand in.
package guide

import kotlin.time.Duration

class Keys(val consumerKey: String, val consumerSecret: String, val shortCode: String, val passKey: String)

interface Keystore {
    suspend fun read(): Keys
}

class Session(val token: String, val lifetime: Duration)

interface Server {
    suspend fun signIn(): Session

    suspend fun get(url: String): ByteArray?
}
