/// libmicrohttpd as a Swift module, and shims for what Swift cannot call or cannot name.
///
/// Each shim exists for one of three reasons, which it states:
///   variadic   Swift does not import C functions with `...`;
///   feature    `SOCK_NONBLOCK` and its kin hide behind `_GNU_SOURCE`, or are enums that Swift's Glibc
///              spells differently from release to release;
///   interpose  libmicrohttpd offers no hook, see CMicroHTTPD.c.
///
/// Nothing here keeps state except the one refusal hook, set before the first daemon starts.
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/// Everything that a daemon of this project is started with. Sizes in bytes, the timeout in seconds.
struct cmhd_options {
    unsigned int threads;
    unsigned int connection_limit;
    unsigned int timeout_seconds;
    size_t connection_memory_bytes;
    MHD_AccessHandlerCallback access;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    void *context;
};

/// variadic: starts an epoll daemon without a listening socket (the project accepts by itself), with
/// suspend and resume, and with percent escapes left as they are. NULL and `errno` on failure.
struct MHD_Daemon *cmhd_start(const struct cmhd_options *options);

/// variadic: the connection's socket.
int cmhd_socket(struct MHD_Connection *connection);

/// variadic: what the connection callback stored for this connection.
void *cmhd_context(struct MHD_Connection *connection);

/// variadic: bytes of the request line and the headers, the empty line included.
size_t cmhd_header_bytes(struct MHD_Connection *connection);

/// variadic: ends this response by closing the connection, without chunks.
void cmhd_end_by_closing(struct MHD_Response *response);

/// interpose: queues a response of ours. Everything else that is queued is the library's own refusal.
enum MHD_Result cmhd_queue(struct MHD_Connection *connection, unsigned int status,
                           struct MHD_Response *response);

/// interpose: called on a pool thread when the library refuses a request by itself with `status`.
enum cmhd_refusal {
    CMHD_LIBRARY_ANSWERS,  ///< let the library's HTML go out
    CMHD_QUEUED,           ///< the hook queued another response with cmhd_queue
    CMHD_CLOSE,            ///< the hook wrote its answer to the socket: close it
};
typedef enum cmhd_refusal (*cmhd_refusal_hook)(struct MHD_Connection *connection, unsigned int status);
void cmhd_set_refusal_hook(cmhd_refusal_hook hook);

/// feature: accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int cmhd_accept(int listening_socket);

/// feature: socket with SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC.
int cmhd_stream_socket(int family);

/// feature: send with MSG_NOSIGNAL and MSG_DONTWAIT.
ptrdiff_t cmhd_send(int socket, const void *bytes, size_t count);

/// feature: raises the soft limit of open files to the hard one. Answers the limit that holds then.
uint64_t cmhd_raise_open_file_limit(void);

/// feature: one recv with MSG_PEEK and MSG_DONTWAIT. 1 when the peer has closed or reset and left nothing unread.
int cmhd_peer_is_gone(int socket);

/// feature: a non-blocking eventfd, to wake a thread that polls.
int cmhd_wake_socket(void);

/// feature: pthread_setname_np.
void cmhd_name_thread(pthread_t thread, const char *name);

/// feature: macros with casts, which Swift does not import.
static const ptrdiff_t cmhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ptrdiff_t cmhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t cmhd_unknown_length = MHD_SIZE_UNKNOWN;
