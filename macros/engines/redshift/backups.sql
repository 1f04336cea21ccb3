{% macro redshift__copy_table_sql(copy, source, relation) %}
    {#- With its distribution, sort keys and encodings. -#}
    {%- do return(
        'create table ' ~ copy ~ ' (like ' ~ source ~ '); insert into ' ~ copy ~ ' select * from ' ~ source
    ) %}
{%- endmacro %}


{% macro redshift__restore_relation_sql(details) %}
    {%- if details['type'] == 'view' %}
        {#- The text of a late-binding view is its whole statement, dbt's comment and all, of which the
            head is replaced. -#}
        {%- set part = '(?:"(?:[^"]|"")*"|[^\\s."(]+)' %}
        {%- set comments = '(?:\\s|/\\*.*?\\*/|--[^\\n]*\\n)*' %}
        {%- set head = '(?is)^' ~ comments ~ 'create\\s+(?:or\\s+replace\\s+)?view\\s+(?:' ~ part ~ '\\.)*' ~ part %}
        {%- set body = modules.re.sub(head, '', details['definition'].rstrip().rstrip(';'), count=1) %}
        {%- set as = '' if modules.re.match(head, details['definition']) else ' as ' %}
        {%- do return('create view ' ~ dbt_opsplugin._render(details) ~ as ~ body) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{%- endmacro %}
