// libzstd as a Swift module, to unpack Zstandard with. Its functions are called as they are.

#ifndef C_ZSTD_H
#define C_ZSTD_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
