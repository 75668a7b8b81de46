#include "server/http/pace.h"

/* Not netinet/tcp.h, whose struct ends before what is wanted here. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

void pace_begin(struct pace *pace, const struct pace_limit *limit, uint64_t bytes, int64_t now_us) {
    *pace = (struct pace){.left_us = limit->grace_us, .seen_us = now_us, .seen_bytes = bytes};
}

bool pace_holds(struct pace *pace, const struct pace_limit *limit, uint64_t bytes, int64_t now_us) {
    if (limit->bytes_per_second == 0) {
        return true;
    }
    int64_t gained = bytes > pace->seen_bytes ? (int64_t)(bytes - pace->seen_bytes) : 0;
    /* More than the whole grace is not earned, and must not overflow. */
    int64_t enough = limit->grace_us / 1000000 * limit->bytes_per_second + limit->bytes_per_second;
    pace->left_us +=
        gained >= enough ? limit->grace_us : gained * 1000000 / limit->bytes_per_second;
    pace->left_us -= now_us - pace->seen_us;
    if (pace->left_us > limit->grace_us) {
        pace->left_us = limit->grace_us;
    }
    pace->seen_us = now_us;
    pace->seen_bytes = bytes;
    return pace->left_us >= 0;
}

void pace_pause(struct pace *pace, int64_t now_us) {
    pace->seen_us = now_us;
}

uint64_t pace_acknowledged_bytes(int descriptor) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    /* Fails when the connection is broken, and then h2o is about to end it. */
    (void)getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_bytes_acked;
}
