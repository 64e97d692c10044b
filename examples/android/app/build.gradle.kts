plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
    id("org.jetbrains.kotlin.plugin.compose")
}

android {
    namespace = "dev.lipia.till.app"
    compileSdk = 36

    defaultConfig {
        applicationId = "dev.lipia.till"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"

        // What Lipia's AAR has. JNA's has more, with which the app would install where it cannot run.
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
    }

    buildTypes {
        debug {
            // `lipia sandbox --port 8600` on the developer's machine, and `adb reverse tcp:8600 tcp:8600`.
            buildConfigField("String", "BASE_URL", "\"http://127.0.0.1:8600\"")
            buildConfigField("String", "CALLBACK_URL", "\"https://shop.example.co.ke/kept\"")
        }
        release {
            buildConfigField("String", "BASE_URL", "null")
            buildConfigField("String", "CALLBACK_URL", "\"https://shop.example.co.ke/kept\"")
            // Lipia's AAR brings the rules that it needs.
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }

    buildFeatures {
        buildConfig = true
        compose = true
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }

    // The view model, the sales and the letterbox of the till in the terminal: there is no second version of them.
    sourceSets["main"].kotlin.srcDir("../../kotlin-till/src/shared/kotlin")
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    implementation("dev.lipia:lipia-android:0.1.0")
    implementation("androidx.compose.material3:material3:1.4.0")
    implementation("androidx.compose.foundation:foundation:1.10.5")
    implementation("androidx.activity:activity-compose:1.10.1")
    implementation("androidx.lifecycle:lifecycle-viewmodel:2.9.4")
    implementation("androidx.lifecycle:lifecycle-runtime-compose:2.9.4")

    // Unit tests run on the machine's own JVM, for which the jar has native libraries.
    testImplementation("dev.lipia:lipia:0.1.0")
    testImplementation("net.java.dev.jna:jna:5.19.1")
}
