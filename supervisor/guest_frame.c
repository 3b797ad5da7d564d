/* A frame is: u32 magic, u8 version, u8 type, u16 length of the body, u32 CRC-32 of the four bytes before
 * it and of the body, body. Whoever was cut off within a frame is found again by magic and checksum. */
#include "guest.h"

#include <string.h>

static uint32_t crc_of(const unsigned char *head, const unsigned char *body, size_t size) {
  static uint32_t table[256];
  if (table[1] == 0)
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
  uint32_t crc = ~0u;
  for (size_t i = 0; i < 4; i++) crc = table[(crc ^ head[i]) & 255] ^ (crc >> 8);
  for (size_t i = 0; i < size; i++) crc = table[(crc ^ body[i]) & 255] ^ (crc >> 8);
  return ~crc;
}

uint32_t get32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint64_t get64(const unsigned char *at) { return (uint64_t)get32(at) << 32 | get32(at + 4); }

unsigned char *frame_room(struct frame_in *in, size_t *room) {
  if (in->used > 0) {
    in->have -= in->used;
    memmove(in->bytes, in->bytes + in->used, in->have);
    in->used = 0;
  }
  *room = sizeof in->bytes - in->have;
  return in->bytes + in->have;
}

bool frame_next(struct frame_in *in, unsigned char *type, const unsigned char **body, size_t *size) {
  for (; in->have - in->used >= FRAME_HEAD; in->used++) {
    const unsigned char *at = in->bytes + in->used;
    if (get32(at) != FRAME_MAGIC || at[4] != FRAME_VERSION) continue;
    size_t length = (size_t)at[6] << 8 | at[7];
    if (length > FRAME_BODY) continue;
    if (in->have - in->used < FRAME_HEAD + length) return false;
    if (crc_of(at + 4, at + FRAME_HEAD, length) != get32(at + 8)) continue;
    *type = at[5];
    *body = at + FRAME_HEAD;
    *size = length;
    in->used += FRAME_HEAD + length;
    return true;
  }
  return false;
}

void frame_seal(struct frame_out *out, unsigned char type, size_t size) {
  put32(out->bytes, FRAME_MAGIC);
  out->bytes[4] = FRAME_VERSION;
  out->bytes[5] = type;
  put16(out->bytes + 6, (uint16_t)size);
  put32(out->bytes + 8, crc_of(out->bytes + 4, out->bytes + FRAME_HEAD, size));
  out->have = FRAME_HEAD + size;
  out->sent = 0;
}
