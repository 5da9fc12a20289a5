/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry point; what it is given may be anything, and it returns 0 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
