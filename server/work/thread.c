#include "server/work/thread.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

#include "base/check.h"

/* Raised by the thread's own instructions: blocking them would only hide where it went wrong. */
static const int own_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};

void thread_start(struct thread *thread, const char *name, size_t stack_bytes,
                  void *(*run)(void *argument), void *argument) {
    CHECK(strlen(name) <= THREAD_NAME_MAX_BYTES);
    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);

    /* The mask is inherited, so there is no moment at which the new thread could take a signal. */
    sigset_t blocked;
    sigset_t before;
    CHECK(sigfillset(&blocked) == 0);
    for (size_t i = 0; i < COUNT_OF(own_signals); i++) {
        CHECK(sigdelset(&blocked, own_signals[i]) == 0);
    }
    CHECK(pthread_sigmask(SIG_SETMASK, &blocked, &before) == 0);
    CHECK(pthread_create(&thread->handle, &attributes, run, argument) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);

    CHECK(pthread_setname_np(thread->handle, name) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

void thread_join(struct thread *thread) {
    CHECK(pthread_join(thread->handle, NULL) == 0);
}

size_t thread_core_count(void) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    /* Fails only where there are more cores than the set has bits. */
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) {
        return CPU_SETSIZE;
    }
    int count = CPU_COUNT(&cores);
    return count < 1 ? 1 : (size_t)count;
}
