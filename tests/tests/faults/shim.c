/* Lets one function of the C library fail: SHIM_FUNCTION names it, SHIM_ERROR its error, SHIM_AFTER how many calls do not
   fail. `create` is open of a file that is to be new. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int calls;

static int fails(const char *function) {
    const char *chosen = getenv("SHIM_FUNCTION");
    const char *error = getenv("SHIM_ERROR");
    const char *after = getenv("SHIM_AFTER");
    if (!chosen || !error || strcmp(chosen, function) != 0) return 0;
    if (__sync_fetch_and_add(&calls, 1) < (after ? atoi(after) : 0)) return 0;
    errno = !strcmp(error, "ENOLCK") ? ENOLCK
          : !strcmp(error, "ENOSYS") ? ENOSYS
          : !strcmp(error, "EOPNOTSUPP") ? EOPNOTSUPP
          : !strcmp(error, "ENOSPC") ? ENOSPC
          : !strcmp(error, "EROFS") ? EROFS
          : EIO;
    return 1;
}

int flock(int file, int operation) {
    int (*original)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
    return fails("flock") ? -1 : original(file, operation);
}

int fsync(int file) {
    int (*original)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return fails("fsync") ? -1 : original(file);
}

int open64(const char *path, int flags, ...) {
    int (*original)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return (flags & O_CREAT) && fails("create") ? -1 : original(path, flags, mode);
}
