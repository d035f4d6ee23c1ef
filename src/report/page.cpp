#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/style.h"

namespace hasten::report {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return out;
}

std::string escape_clause(std::string_view clause) {
  std::string html = escape(clause);
  const auto limit = std::min(html.find("&gt;="), html.find("&lt;="));
  if (limit != std::string::npos) html.insert(limit, "<wbr>");
  const auto depth = html.rfind('@', limit);
  if (depth != std::string::npos) html.insert(depth, "<wbr>");
  return html;
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

Page::Page(std::string_view title, std::string lead) : title_(title), lead_(std::move(lead)) {}

void Page::add_verdict(bool good, std::string_view headline, std::string_view detail) {
  body_ += fmt::format("<div class=\"verdict{}\"><b>{}</b>{}</div>\n", good ? " good" : "",
                       escape(headline), escape(detail));
}

void Page::add_section(std::string_view heading, std::string_view html) {
  body_ += "<section>";
  if (!heading.empty()) body_ += fmt::format("<h2>{}</h2>\n", escape(heading));
  body_ += html;
  body_ += "</section>\n";
}

std::string Page::str() const {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{0}</title>\n"
      "<link rel=\"icon\" "
      "href=\"data:,\">\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n<p "
      "class=\"lead\">{2}</p>\n{3}</main>\n</body>\n</html>\n",
      escape(title_), k_style, lead_, body_);
}

std::string figure(std::string_view title, std::string_view svg, std::string_view caption) {
  return fmt::format("<figure><h3>{}</h3>{}<figcaption>{}</figcaption></figure>\n", escape(title),
                     svg, escape(caption));
}

std::string grid(const std::vector<std::string>& cards, bool plots) {
  std::string html = plots ? "<div class=\"grid plots\">\n" : "<div class=\"grid\">\n";
  for (const std::string& card : cards) html += card;
  return html + "</div>\n";
}

std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& cell : header)
    html += cell.starts_with("<th") ? cell : "<th>" + cell + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row)
      html += cell.starts_with("<td") ? cell : "<td>" + cell + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string tabs(std::string_view group, const std::vector<Tab>& panels) {
  if (panels.size() == 1) return panels[0].html;
  std::string inputs, names, bodies, rules;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::string id = fmt::format("{}{}", group, i);
    inputs += fmt::format("<input type=\"radio\" name=\"{}\" id=\"{}\"{}>", group, id,
                          i == 0 ? " checked" : "");
    names += fmt::format("<label for=\"{}\">{}</label>", id, escape(panels[i].name));
    bodies += fmt::format("<div class=\"panel\" id=\"{}-panel\">{}</div>\n", id, panels[i].html);
    rules += fmt::format(
        "#{0}:checked~#{0}-panel{{display:block}}#{0}:checked~nav "
        "label[for={0}]{{background:var(--b);border-color:var(--b);color:var(--card)}}#{0}:focus-"
        "visible~nav label[for={0}]{{outline:2px solid var(--mark)}}",
        id);
  }
  return fmt::format("<style>{}</style><div class=\"tabs\">{}<nav>{}</nav>\n{}</div>\n", rules,
                     inputs, names, bodies);
}

}  // namespace hasten::report
