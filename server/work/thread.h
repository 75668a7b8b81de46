/*
 * thread: how this program starts its threads.
 *
 * Each has a name, for `top -H` and debuggers, a stack of a stated size, and every signal blocked
 * but those that a fault of its own raises, so that a signal to the process reaches main's sigwait.
 */
#ifndef AIZY_SERVER_WORK_THREAD_H
#define AIZY_SERVER_WORK_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* What a thread's name may have, by the kernel's limit. */
#define THREAD_NAME_MAX_BYTES 15

struct thread {
    pthread_t handle;
};

/* CHECKs that the system gives the thread. The name is copied. */
void thread_start(struct thread *thread, const char *name, size_t stack_bytes,
                  void *(*run)(void *argument), void *argument);

/* Waits for its end. */
void thread_join(struct thread *thread);

/* The cores that this process may use; at least 1. */
size_t thread_core_count(void);

#endif
