// The printable characters that stand for bytes in byte-level BPE.
#pragma once

namespace hasten::tokenizer {

// Printable Latin-1 stands for itself, the other bytes, ascending, for U+0100 and so on (GPT-2).
inline char32_t byte_stand_in(unsigned char byte) {
  if (byte < 0x21) return 0x100u + byte;
  if (byte < 0x7F) return byte;
  if (byte < 0xA1) return 0x100u + 0x21 + (byte - 0x7Fu);
  return byte == 0xAD ? 0x143u : byte;
}

}  // namespace hasten::tokenizer
