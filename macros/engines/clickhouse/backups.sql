{% macro clickhouse__copy_table_sql(copy, source, relation) %}
    {#- A clone shares its parts with the original, and has its keys and settings. Of a replicated table,
        which has a path of its own, the rows are copied; those of a table in memory to where they
        outlive the server. -#}
    {% set engine = relation['definition'] or '' %}
    {% set own = modules.re.sub("^((?:Replicated|Shared)\\w*)\\('[^']*', '[^']*'(?:, )?", '\\1(', engine) %}
    {% if own == engine and modules.re.match('\\w*MergeTree\\b', engine) %}
        {% do return('create table ' ~ copy ~ ' clone as ' ~ source) %}
    {% elif 'MergeTree' not in engine and not relation['location'] %}
        {% set own = 'MergeTree order by tuple()' %}
    {% endif %}
    {% do return('create table ' ~ copy ~ ' engine = ' ~ own ~ ' as select * from ' ~ source) %}
{% endmacro %}


{% macro clickhouse__restore_relation_sql(details) %}
    {% if details['type'] == 'view' %}
        {#- The text is the whole statement, of which the name is replaced. -#}
        {% set part = '(?:`(?:[^`\\\\]|\\\\.|``)*`|[^\\s.`(]+)' %}
        {% do return('create view ' ~ dbt_opsplugin._render(details) ~ modules.re.sub(
            '(?i)^create view (?:' ~ part ~ '\\.)?' ~ part, '', details['definition'], count=1
        )) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
