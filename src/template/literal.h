/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers and strings as Go writes them in a source. */

#include "template/lexer.h"
#include "template/value.h"

/* The value of a TOKEN_NUMBER, TOKEN_CHAR, TOKEN_STRING or TOKEN_RAW; NULL: it is none. */
struct value *literal_parse(const struct token *token, struct arena *arena);
