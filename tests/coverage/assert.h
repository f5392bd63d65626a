/* The quiet assert of the coverage build: the arm on which an assertion fails is no code that a
 * test could reach, so it must not count as missed, nor may the parts of its condition. */
#undef assert
#define assert(condition) ((void)0)
#undef static_assert
#define static_assert _Static_assert
