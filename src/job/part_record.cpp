#include "job/part_record.h"

#include "job/json_fields.h"

namespace hasten::job {
namespace {

Json digest_json(const std::string& name, const data::FileDigest& digest) {
  return json_of(Json::Object{{"name", json_of(name)},
                              {"bytes", json_of(digest.bytes)},
                              {"sha256", json_of(digest.sha256)}});
}

data::FileDigest digest_from(const Json& json) {
  return {count_of(json["bytes"], "bytes"), json["sha256"].as_string("sha256")};
}

}  // namespace

void RowCounts::add(const RowCounts& other) {
  rows += other.rows;
  tokens += other.tokens;
  for (const auto& [status, count] : other.by_status) by_status[status] += count;
  for (const auto& [model, labels] : other.by_label) {
    for (const auto& [label, count] : labels) by_label[model][label] += count;
  }
}

std::string to_json(const PartRecord& record) {
  Json::Object labels;
  for (const auto& [model, counts] : record.counts.by_label) {
    labels.emplace_back(model, json_of(counts));
  }
  return to_string(json_of(Json::Object{
             {"settings", json_of(record.settings)},
             {"input", digest_json(record.input, record.input_digest)},
             {"part", digest_json(record.part, record.part_digest)},
             {"text_column", json_of(record.text_column)},
             {"id_column", json_of(record.id_column)},
             {"rows", json_of(record.counts.rows)},
             {"tokens", json_of(record.counts.tokens)},
             {"rows_by_status", json_of(record.counts.by_status)},
             {"rows_by_label", json_of(std::move(labels))},
         })) +
         "\n";
}

PartRecord parse_part_record(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, where);
  PartRecord record;
  record.settings = json["settings"].as_string("settings");
  record.input = json["input"]["name"].as_string("input");
  record.input_digest = digest_from(json["input"]);
  record.part = json["part"]["name"].as_string("part");
  record.part_digest = digest_from(json["part"]);
  record.text_column = json["text_column"].as_string("text_column");
  record.id_column = json["id_column"].as_string("id_column");
  record.counts.rows = count_of(json["rows"], "rows");
  record.counts.tokens = count_of(json["tokens"], "tokens");
  record.counts.by_status = counts_of(json["rows_by_status"], "rows_by_status");
  for (const auto& [model, counts] : json["rows_by_label"].as_object("rows_by_label")) {
    record.counts.by_label[model] = counts_of(counts, "rows_by_label");
  }
  return record;
}

}  // namespace hasten::job
