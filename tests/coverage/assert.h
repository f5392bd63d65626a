/* The quiet assert of the coverage build: the arm on which an assertion fails is no code that a
 * test could reach, so it must not count as missed. */
#undef assert
#define assert(condition) ((void)sizeof(!(condition)))
#undef static_assert
#define static_assert _Static_assert
