{% macro snowflake__copy_table_sql(copy, source, relation) %}
    {#- No data is copied. What is transient (the definition says so, _existing_relations) can
        only be cloned to what is. -#}
    {% set kind = 'transient table ' if relation['definition'] == 'transient' else 'table ' %}
    {% do return('create ' ~ kind ~ copy ~ ' clone ' ~ source) %}
{% endmacro %}


{% macro snowflake__restore_relation_sql(details) %}
    {% if details['type'] == 'view' %}
        {#- The stored text may be of another name, as after a swap: only its head is replaced. -#}
        {% set part = '(?:"(?:[^"]|"")*"|[^\\s."(]+)' %}
        {% set head = '(?is)^.*?\\bview\\s+(?:if\\s+not\\s+exists\\s+)?(?:' ~ part ~ '\\.)*' ~ part %}
        {% set definition = details['definition'] %}
        {% if not modules.re.match('(?is)^\\s*create\\b', definition) %}
            {% set definition = 'create view x as ' ~ definition %}
        {% endif %}
        {% set secure = 'secure ' if modules.re.match(
            '(?is)^\\s*create\\s+(?:or\\s+replace\\s+)?secure\\b', definition
        ) else '' %}
        {% do return('create ' ~ secure ~ 'view ' ~ dbt_opsplugin._render(details)
            ~ modules.re.sub(head, '', definition, count=1)) %}
    {% endif %}
    {% do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{% endmacro %}
