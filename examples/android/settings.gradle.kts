pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
        // The AAR, until it is on Maven Central: `bindings-mobile/scripts/build-aar --out examples/android/maven`.
        maven { url = uri("maven") }
    }
}

rootProject.name = "till"
include(":app")
