/* What the payload wrote and the host may not have: pieces in the order they came, their bytes in a ring. */
#include "guest.h"

#include <string.h>

static struct {
  unsigned char bytes[RING_BYTES];
  struct piece { uint64_t offset; uint32_t size; int stream; } pieces[RING_PIECES];
  uint64_t first, last; /* numbers of the oldest piece and of the one after the newest */
  uint64_t acked, sent, end;
} ring;

static struct piece *piece(uint64_t number) { return &ring.pieces[number % RING_PIECES]; }

void ring_acked(uint64_t offset) {
  if (offset > ring.end || offset <= ring.acked) return;
  ring.acked = offset;
  if (ring.sent < offset) ring.sent = offset;
  while (ring.first < ring.last && piece(ring.first)->offset + piece(ring.first)->size <= offset) ring.first++;
}

void ring_rewind(void) { ring.sent = ring.acked; }

uint64_t ring_end(void) { return ring.end; }


size_t ring_room(void) {
  if (ring.last - ring.first == RING_PIECES) return 0;
  return RING_BYTES - (size_t)(ring.end - ring.acked);
}

void ring_add(int stream, const unsigned char *data, size_t size) {
  struct piece *newest = piece(ring.last - 1);
  if (ring.last > ring.first && newest->stream == stream)
    newest->size += (uint32_t)size;
  else
    *piece(ring.last++) = (struct piece){ring.end, (uint32_t)size, stream};
  for (size_t i = 0; i < size;) {
    size_t at = (size_t)((ring.end + i) % RING_BYTES), part = RING_BYTES - at;
    if (part > size - i) part = size - i;
    memcpy(ring.bytes + at, data + i, part);
    i += part;
  }
  ring.end += size;
}

size_t ring_next(unsigned char *into, size_t most, uint64_t *offset, int *stream) {
  if (ring.sent == ring.end) return 0;
  uint64_t number = ring.first;
  while (piece(number)->offset + piece(number)->size <= ring.sent) number++;
  size_t size = (size_t)(piece(number)->offset + piece(number)->size - ring.sent);
  if (size > most) size = most;
  for (size_t i = 0; i < size;) {
    size_t at = (size_t)((ring.sent + i) % RING_BYTES), part = RING_BYTES - at;
    if (part > size - i) part = size - i;
    memcpy(into + i, ring.bytes + at, part);
    i += part;
  }
  *offset = ring.sent;
  *stream = piece(number)->stream;
  ring.sent += size;
  return size;
}
