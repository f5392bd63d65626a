/* assert for the core of the page, found there before the system's: a broken one traps. Its text
 * and place stay out of the module, where nobody could print them. */
#ifndef SCHWEBE_WASM_ASSERT_H
#define SCHWEBE_WASM_ASSERT_H

#define static_assert _Static_assert
#define assert(condition) ((condition) ? (void)0 : __builtin_trap())

static_assert(sizeof(void *) <= 8,
              "wasm32, and the machines on which the gates compile this alone");

#endif
