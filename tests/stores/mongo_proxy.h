/*
 * mongo_proxy: a way to the server that can be cut, held up and mended.
 *
 * One thread forwards bytes between clients and the server of AIZY_TEST_MONGODB_URI. What the
 * client sees is what it would see of a server that ends, hangs, or ends between a commit and its
 * answer.
 */
#ifndef AIZY_TESTS_MONGO_PROXY_H
#define AIZY_TESTS_MONGO_PROXY_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "tests/stores/mongo_fixture.h"

#define PROXY_PAIRS_MAX 16

enum proxy_mode {
    PROXY_OPEN,
    PROXY_CUT,        /* connections end, new ones are refused */
    PROXY_HOLD,       /* bytes stay where they are */
    PROXY_CUT_COMMIT, /* PROXY_OPEN up to a commit: that is delivered, and then PROXY_CUT */
};

struct proxy {
    pthread_t thread;
    struct sockaddr_in server;
    struct sockaddr_in own;
    int listener; /* -1: refuses */
    int pairs[PROXY_PAIRS_MAX][2];
    size_t count;
    atomic_int mode;
    atomic_int seen; /* the mode that the thread has carried out */
    atomic_bool is_over;
};

static inline int proxy_listen(struct proxy *proxy) {
    int one = 1;
    socklen_t size = sizeof(proxy->own);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
    CHECK(bind(listener, (struct sockaddr *)&proxy->own, size) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&proxy->own, &size) == 0);
    CHECK(listen(listener, 16) == 0);
    return listener;
}

static inline void proxy_cut(struct proxy *proxy) {
    for (size_t i = 0; i < proxy->count; i++) {
        (void)close(proxy->pairs[i][0]);
        (void)close(proxy->pairs[i][1]);
    }
    proxy->count = 0;
    if (proxy->listener >= 0) {
        (void)close(proxy->listener);
        proxy->listener = -1;
    }
}

static inline void proxy_accept(struct proxy *proxy) {
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(client >= 0 && server >= 0 && proxy->count < PROXY_PAIRS_MAX);
    CHECK(connect(server, (struct sockaddr *)&proxy->server, sizeof(proxy->server)) == 0);
    proxy->pairs[proxy->count][0] = client;
    proxy->pairs[proxy->count++][1] = server;
}

/* False when the pair has ended. */
static inline bool proxy_forward(struct proxy *proxy, size_t pair, int side) {
    char bytes[65536];
    ssize_t size = recv(proxy->pairs[pair][side], bytes, sizeof(bytes), MSG_DONTWAIT);
    bool is_commit =
        size > 0 && side == 0 && memmem(bytes, (size_t)size, "commitTransaction", 17) != NULL;
    for (ssize_t sent = 0; sent < size;) {
        ssize_t more =
            send(proxy->pairs[pair][1 - side], bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL);
        if (more <= 0) {
            return false;
        }
        sent += more;
    }
    if (is_commit && atomic_load(&proxy->mode) == PROXY_CUT_COMMIT) {
        /* The server has answered: it is done, and nobody will hear of it. */
        struct pollfd answer = {.fd = proxy->pairs[pair][1], .events = POLLIN};
        CHECK(poll(&answer, 1, 10000) == 1);
        atomic_store(&proxy->mode, PROXY_CUT);
    }
    return size > 0;
}

static inline void proxy_step(struct proxy *proxy) {
    struct pollfd polled[1 + 2 * PROXY_PAIRS_MAX] = {{.fd = proxy->listener, .events = POLLIN}};
    size_t count = proxy->count;
    for (size_t i = 0; i < 2 * count; i++) {
        polled[1 + i] = (struct pollfd){.fd = proxy->pairs[i / 2][i % 2], .events = POLLIN};
    }
    (void)poll(polled, 1 + 2 * count, 5);
    for (size_t i = count; i > 0 && atomic_load(&proxy->mode) != PROXY_CUT; i--) {
        bool lives = true;
        for (int side = 0; side < 2 && lives; side++) {
            lives = polled[1 + 2 * (i - 1) + (size_t)side].revents == 0 ||
                    proxy_forward(proxy, i - 1, side);
        }
        if (!lives) {
            (void)close(proxy->pairs[i - 1][0]);
            (void)close(proxy->pairs[i - 1][1]);
            proxy->count--;
            proxy->pairs[i - 1][0] = proxy->pairs[proxy->count][0];
            proxy->pairs[i - 1][1] = proxy->pairs[proxy->count][1];
        }
    }
    if (polled[0].revents != 0) {
        proxy_accept(proxy);
    }
}

static inline void *proxy_run(void *argument) {
    struct proxy *proxy = argument;
    while (!atomic_load(&proxy->is_over)) {
        int mode = atomic_load(&proxy->mode);
        if (mode == PROXY_CUT) {
            proxy_cut(proxy);
        } else if (proxy->listener < 0) {
            proxy->listener = proxy_listen(proxy);
        }
        atomic_store(&proxy->seen, mode);
        if (mode == PROXY_OPEN || mode == PROXY_CUT_COMMIT) {
            proxy_step(proxy);
        } else {
            (void)usleep(1000);
        }
    }
    proxy_cut(proxy);
    return NULL;
}

/* Returns once it is so. */
static inline void proxy_set(struct proxy *proxy, enum proxy_mode mode) {
    atomic_store(&proxy->mode, (int)mode);
    while (atomic_load(&proxy->seen) != (int)mode) {
        (void)usleep(1000);
    }
}

/* A client that looks for a replica set by its name goes to its members, past the proxy. */
static inline void proxy_connect_directly(char *url) {
    char *name = strstr(url, "replicaSet=");
    char rest[FIXTURE_URL_SIZE];
    if (name != NULL) {
        (void)snprintf(rest, sizeof(rest), "%s", name + strcspn(name, "&"));
        (void)snprintf(name, FIXTURE_URL_SIZE - (size_t)(name - url), "directConnection=true%s",
                       rest);
    }
}

/* `url` gets the address of the proxy, for the fixture's database. The server must be on IPv4. */
static inline void proxy_begin(struct proxy *proxy, char *url) {
    mongoc_uri_t *uri = mongoc_uri_new(fixture_url);
    const mongoc_host_list_t *host = mongoc_uri_get_hosts(uri);
    bool is_named = strcmp(host->host, "localhost") == 0;
    *proxy = (struct proxy){.listener = -1};
    proxy->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(host->port)};
    CHECK(inet_pton(AF_INET, is_named ? "127.0.0.1" : host->host, &proxy->server.sin_addr) == 1);
    proxy->own =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    proxy->listener = proxy_listen(proxy);
    mongoc_uri_destroy(uri);
    char address[64];
    (void)snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(proxy->own.sin_port));
    fixture_url_of(address, url);
    proxy_connect_directly(url);
    CHECK(pthread_create(&proxy->thread, NULL, proxy_run, proxy) == 0);
}

static inline void proxy_end(struct proxy *proxy) {
    atomic_store(&proxy->is_over, true);
    CHECK(pthread_join(proxy->thread, NULL) == 0);
}

#endif
