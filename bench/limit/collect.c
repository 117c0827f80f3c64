/*
 * The limit that collecting TLS results is held against: a bare loop that receives datagrams from a Unix
 * socket and has Jansson parse each. It keeps nothing. Frozen.
 *
 * usage: collect SOCKET
 *
 * Until a datagram of one octet comes. Prints one line: datagrams that were JSON, seconds from the first to
 * the end, CPU in microseconds a datagram.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    static char datagram[256 * 1024];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen(argv[1]) >= sizeof at.sun_path) {
        fprintf(stderr, "usage: collect SOCKET\n");
        return 64;
    }
    memcpy(at.sun_path, argv[1], strlen(argv[1]) + 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        perror(argv[1]);
        return 1;
    }
    unsigned long count = 0;
    double begin = 0, used = cpu();
    for (;;) {
        ssize_t n = recv(fd, datagram, sizeof datagram, 0);
        if (begin == 0)
            begin = now();
        if (n <= 1)
            break;
        json_t *json = json_loadb(datagram, (size_t)n, 0, NULL);
        count += json != NULL;
        json_decref(json);
    }
    double seconds = now() - begin;
    printf("%lu %.6f %.3f\n", count, seconds, count > 0 ? (cpu() - used) * 1e6 / (double)count : 0);
    return 0;
}
