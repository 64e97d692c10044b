"""The functions of Android that the native library may call: each is in Android 8 (API 26) and earlier.

From bionic's own lists of what its libraries have (`libc/libc.map.txt`, `libm/libm.map.txt` and `libdl/libdl.map.txt` of
platform/bionic), in which a function that came later says with which API level. An NDK refuses to link what its oldest Android has
not; a linker without one believes everything, so this list does it in its place.
"""

from __future__ import annotations

#: By the library that has them.
OF_BIONIC = {
    "libc.so": frozenset(
        """
        __errno abort access bind calloc clock_gettime clock_nanosleep close closedir connect dirfd epoll_create1
        epoll_ctl epoll_wait eventfd fchmod fchown fcntl free freeaddrinfo fstat fstatat fsync ftruncate gai_strerror
        getaddrinfo getauxval getcwd getenv geteuid getpeername getpid getsockname getsockopt gettimeofday link
        localtime_r lseek64 lstat malloc memchr memcmp memcpy memmove memset mkdir mmap mremap munmap nanosleep open
        opendir poll posix_memalign prctl pread pthread_attr_destroy pthread_attr_init pthread_attr_setstacksize
        pthread_create pthread_detach pthread_getspecific pthread_join pthread_key_create pthread_key_delete
        pthread_mutex_destroy pthread_mutex_init pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock
        pthread_mutexattr_destroy pthread_mutexattr_init pthread_mutexattr_settype pthread_setspecific pwrite read
        readdir readlink realloc realpath recv rename rmdir sched_getaffinity sched_yield send setsockopt shutdown
        socket socketpair stat statfs64 strchr strcmp strcspn strerror_r strlen strncmp strrchr strspn syscall sysconf
        time unlink utimes write writev
        """.split()
    ),
    "libdl.so": frozenset(
        """
        dl_iterate_phdr dlsym
        """.split()
    ),
    "libm.so": frozenset(
        """
        pow
        """.split()
    ),
}
#: What the NDK's compiler brings and links into the library: unwinding, and what 32-bit processors of Arm do without.
OF_THE_NDK = frozenset(
    "_Unwind_Backtrace _Unwind_FindEnclosingFunction _Unwind_GetCFA _Unwind_GetIP _Unwind_VRS_Get __sync_synchronize".split()
)
#: What only the stand-in headers ask for: Android's own call it `__errno`.
OF_STAND_INS = frozenset(["__errno_location"])


def unknown(imports: frozenset[str]) -> list[str]:
    """What a library finds in others, and is in none of these lists."""
    return sorted(imports.difference(*OF_BIONIC.values(), OF_THE_NDK, OF_STAND_INS))
