#include "data/text_row.h"

namespace hasten {

const char* name_of(RowStatus status) {
  switch (status) {
    case RowStatus::k_ok:
      return "ok";
    case RowStatus::k_null:
      return "null";
    case RowStatus::k_empty:
      return "empty";
    case RowStatus::k_invalid_utf8:
      return "invalid_utf8";
    case RowStatus::k_malformed:
      return "malformed";
  }
  return "malformed";
}

bool has_text(RowStatus status) {
  return status != RowStatus::k_null && status != RowStatus::k_malformed;
}

}  // namespace hasten
