//! What keeps a fragment's markup inside its slot.

use crate::support::check_html;

#[test]
fn end_tags_without_a_beginning_are_dropped() {
    check_html(
        "a</div></main></p></b></template></fragment-slot></body></html></x-y>b</li>",
        "ab",
    );
}

#[test]
fn what_is_open_is_closed() {
    check_html("<DIV><p><b><x-y>t", "<DIV><p><b><x-y>t</x-y></b></p></div>");
    check_html(
        "<table><tr><td><form><select><option>a",
        "<table><tbody><tr><td><form><select><option>a</option></select></form></td></tr></tbody></table>",
    );
    check_html(
        "<svg><g><foreignObject><div><math><mi>x",
        "<svg><g><foreignObject><div><math><mi>x</mi></math></div></foreignobject></g></svg>",
    );
    check_html("<template><td>x", "<template><td>x</td></template>");
}

#[test]
fn implied_ends_are_written_out() {
    check_html(
        "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
        "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>",
    );
    check_html("<p>a<p>b<div>c</div>", "<p>a</p><p>b</p><div>c</div>");
    check_html("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
    check_html(
        "<select><option>a<optgroup><option>b<option>c</select>",
        "<select><option>a</option><optgroup><option>b</option><option>c</option></optgroup></select>",
    );
    check_html(
        "<table><td>a<th>b<tr><td>c<tfoot><td>d</table>",
        "<table><tbody><tr><td>a</td><th>b</th></tr><tr><td>c</td></tr></tbody><tfoot><tr><td>d</td></tr></tfoot></table>",
    );
    check_html("<h1>a<h2>b</h3>c", "<h1>a</h1><h2>b</h2>c");
    check_html("<ruby>a<rt>b<rp>c</ruby>", "<ruby>a<rt>b</rt><rp>c</rp></ruby>");
    check_html("<button>a<button>b", "<button>a</button><button>b</button>");
    check_html("<a>1<a>2", "<a>1</a><a>2</a>");
}

#[test]
fn well_formed_markup_stays_as_it_is() {
    for text in [
        "<div class=\"a>b\" id='c'>x <br/><img src=a> &amp; y</div>",
        "<table><caption>c</caption><colgroup><col></colgroup><thead><tr><th>a</th></tr></thead></table>",
        "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/><g><title>t</title></g></svg>",
        "<math><mi>x</mi><annotation-xml encoding='text/html'><p>y</p></annotation-xml></math>",
        "<script type=\"application/json\" data-props>{\"a\":\"\\u003c/script\"}</script>",
        "<!--[--><p>a</p><!--]--><!----><!-->",
        "<template><tr><td>a</td></tr></template><details><summary>a</summary>b</details>",
        "<form><label>a<input name=b></label><button>c</button></form>",
    ] {
        check_html(text, text);
    }
}

#[test]
fn formatting_that_ends_too_early_waits_for_its_blocks() {
    check_html("<a><div>x</a>y</div>z", "<a><div>xy</div></a>z");
    check_html("<b><i>x</b>y</i>z", "<b><i>x</i></b>yz");
    check_html("<a><div><a>x</a></div></a>", "<a><div>x</div></a>");
}

#[test]
fn tags_that_reach_out_are_dropped() {
    check_html(
        "a<html lang=x><body class=y><head><base href=/x><meta http-equiv=refresh content=0><meta charset=x><frameset><frame><plaintext>b",
        "ab",
    );
    check_html("<td>a</td><tr><caption><col>b", "ab");
    check_html("<form><form>a</form>b</form>c", "<form>ab</form>c");
    check_html("<template for=x>a</template>b", "ab");
    check_html("a<?start x><!DOCTYPE html></3>b<![CDATA[c]]>d", "abd");
}

#[test]
fn a_dropped_tag_makes_no_new_one() {
    check_html("<<plaintext>script>x", "&lt;script>x");
    check_html("a < b <3 <", "a &lt; b &lt;3 ");
}

#[test]
fn a_cut_drops_the_tag_and_closes_the_rest() {
    check_html("<p>a<a href=\"x", "<p>a</p>");
    check_html("<p>a</", "<p>a</p>");
    check_html("<p>a<!-- b", "<p>a<!-- b--></p>");
    check_html("<p>a<!-", "<p>a</p>");
    check_html("<svg><![CDATA[ a", "<svg><![CDATA[ a]]></svg>");
    check_html("<!-- a", "<!-- a-->");
}

#[test]
fn noscript_is_the_same_with_and_without_scripts() {
    check_html(
        "<noscript><p>a<img alt='</noscript>'><!--</noscript>--><b></noscript>c",
        "<noscript><p>a<b></b></p></noscript>c",
    );
    check_html(
        "<noscript><svg><noscript><g></noscript></g>a</svg></noscript>b",
        "<noscript><svg><g></g>a</svg></noscript>b",
    );
    check_html(
        "<noscript><style>a</noscript><i>b</style>",
        "<noscript><style>a</style></noscript><i>b</i>",
    );
}
