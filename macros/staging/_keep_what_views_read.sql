{% macro _keep_what_views_read(plan, consumers) %}
    {#- A relation stays while a view reads it that stays: by the graph, and by what the
        database says of views that dbt does not know. Repeated until nothing changes, since
        keeping a view keeps what that one reads. Of what goes, `depth` says how many readers that
        go as well, one upon the other, go before it. -#}
    {%- set readers = {} %}
    {%- set names = {} %}
    {%- set dropping = {} %}
    {%- for row in plan if row['decision'] == 'drop' %}
        {%- do dropping.update({row['key']: row}) %}
        {#- Models above an ephemeral one hold its SQL, and no longer read what it left. -#}
        {%- for view in consumers[row['key']]['live'] if not row['leftover'] %}
            {%- set reader = dbt_opsplugin._relation_key(view.database, view.schema, view.alias) %}
            {%- do names.update({reader: [view.database, view.schema, view.alias] | select | join('.')}) %}
            {%- do readers.setdefault(row['key'], []).append(reader) %}
        {%- endfor %}
    {%- endfor %}
    {%- if dropping %}
        {%- set of_tests = {} %}
        {%- set hold = dbt_opsplugin.engine_facts()['views_hold'] %}
        {%- for node in graph.nodes.values() if node.resource_type == 'test' and not hold %}
            {#- Stored failures: the next run of the test replaces them. -#}
            {%- do of_tests.update({
                dbt_opsplugin._relation_key(node.database, node.schema, node.alias): true
            }) %}
        {%- endfor %}
        {%- for key, database, schema, name in adapter.dispatch('readers', 'dbt_opsplugin')(dropping.values() | list) %}
            {%- set reader = dbt_opsplugin._relation_key(database, schema, name) %}
            {%- do names.update({reader: [database, schema, name] | select | join('.')}) %}
            {%- if reader != key and reader not in of_tests %}
                {%- do readers.setdefault(key, []).append(reader) %}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
    {%- set state = namespace(changed=true) %}
    {%- for _ in range(dropping | length) %}
        {%- if state.changed %}
            {%- set state.changed = false %}
            {%- for key, row in dropping.items() if row['decision'] == 'drop' %}
                {%- for reader in readers.get(key, []) %}
                    {%- if dropping.get(reader, {}).get('decision') != 'drop' %}
                        {%- do row.update(
                            {'decision': 'keep', 'reason': names.get(reader, reader.lstrip('.')) ~ ' reads it'}
                        ) %}
                        {%- set state.changed = true %}
                    {%- endif %}
                {%- endfor %}
            {%- endfor %}
        {%- endif %}
    {%- endfor %}
    {%- set state.changed = true %}
    {%- for _ in range(dropping | length) %}
        {%- if state.changed %}
            {%- set state.changed = false %}
            {%- for key, row in dropping.items() if row['decision'] == 'drop' %}
                {%- for reader in readers.get(key, []) if dropping[reader].get('depth', 0) >= row.get('depth', 0) %}
                    {%- do row.update({'depth': dropping[reader].get('depth', 0) + 1}) %}
                    {%- set state.changed = true %}
                {%- endfor %}
            {%- endfor %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
