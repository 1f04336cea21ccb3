{% macro _json_payload(rows) %}
    {#- JSON text that a warehouse can read: NUL and lone surrogates, which JSON can escape
        but no engine can store, become U+FFFD. Escaped backslashes are set aside first, so
        that a literal backslash before "u0000" stays what it is; a raw control character
        never occurs in JSON text and can stand in for them. -#}
    {%- set payload = tojson(rows) %}
    {%- if '\\u0000' in payload or '\\ud' in payload %}
        {%- set masked = payload.replace('\\\\', '\u0001').replace('\\u0000', '\\ufffd') %}
        {%- if '\\ud' in masked %}
            {%- set masked = modules.re.sub(
                '\\\\ud[89ab][0-9a-f]{2}(?!\\\\ud[c-f])|(?<!\\\\ud[89ab][0-9a-f]{2})\\\\ud[c-f][0-9a-f]{2}',
                '\\\\ufffd', masked
            ) %}
        {%- endif %}
        {%- set payload = masked.replace('\u0001', '\\\\') %}
    {%- endif %}
    {%- do return(payload) %}
{%- endmacro %}
