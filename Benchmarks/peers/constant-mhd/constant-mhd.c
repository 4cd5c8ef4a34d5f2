// The least that libmicrohttpd can do: 11 constant bytes for every request. What Husk adds is measured against it.
//
//   cc -O2 constant-mhd.c -lmicrohttpd -o constant-mhd && ./constant-mhd 8081 2      # port, threads

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct MHD_Response *hello;

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *uploadBytes, void **state) {
    // An answer in the first callback would close the connection.
    if (*state == NULL) { *state = hello; return MHD_YES; }
    if (*uploadBytes != 0) { *uploadBytes = 0; return MHD_YES; }
    return MHD_queue_response(connection, MHD_HTTP_OK, hello);
}

int main(int argc, char **argv) {
    hello = MHD_create_response_from_buffer(11, "hello world", MHD_RESPMEM_PERSISTENT);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "8081")),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int threads = argc > 2 ? atoi(argv[2]) : 2;
    // A pool of one is the library's single internal thread, and is asked for by asking for no pool.
    enum MHD_OPTION pool = threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, &answer, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, pool, (unsigned)threads, MHD_OPTION_END);
    if (daemon == NULL) return fprintf(stderr, "constant-mhd: no daemon on that port\n"), 1;
    for (;;) pause();
}
