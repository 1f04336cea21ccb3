{% macro default__readers(relations) %}
    {#- By the text of the views, where an engine keeps no dependencies. A name counts when it is
        qualified with the relation's schema, or when it is bare in a view of the same schema.
        It may stand in a comment or name a CTE: then we keep too much. A text that may not be seen,
        as that of another role's secure view, may hold any name. -#}
    {%- set found = [] %}
    {%- for row in adapter.dispatch('view_texts', 'dbt_opsplugin')(relations) %}
        {%- set database, schema, name, text = row[:4] %}
        {%- for relation in relations if not text %}
            {%- do found.append([relation['key'], database, schema, name ~ ' (its text is hidden)']) %}
        {%- endfor %}
        {%- set definition = (text or '') | lower %}
        {%- for relation in relations if relation['identifier'] | lower in definition %}
            {%- set identifier = modules.re.sub(
                '([^a-z0-9_])', '\\\\\\1', relation['identifier'] | lower
            ) %}
            {%- set space = modules.re.sub('([^a-z0-9_])', '\\\\\\1', relation['schema'] | lower) %}
            {%- set patterns = [] if row[4] else [
                '(^|[^a-z0-9_$])' ~ space ~ '["`\\]]?\\s*\\.\\s*["`\\[]?' ~ identifier ~ '($|[^a-z0-9_$])'
            ] %}
            {%- if schema | lower == relation['schema'] | lower %}
                {%- do patterns.append(
                    '(^|[^a-z0-9_$."`\\[]|(^|[^.])["`\\[])' ~ identifier ~ '($|[^a-z0-9_$])'
                ) %}
            {%- endif %}
            {%- for pattern in patterns if modules.re.search(pattern, definition) %}
                {%- do found.append([relation['key'], database, schema, name]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}
