{% macro _action_row(action, status, relation=none, unique_id=none, reason=none, details=none) %}
    {%- set by = dbt_opsplugin._orchestrator() %}
    {%- set now = dbt_opsplugin.utc_now() %}
    {%- do return({
        'action_id': local_md5(tojson(
            [invocation_id, action, relation, unique_id, details, now]
        )),
        'invocation_id': invocation_id, 'action': action, 'status': status,
        'project_name': project_name, 'target_name': target.name, 'schema_name': target.schema,
        'unique_id': unique_id, 'relation': relation,
        'reason': reason, 'details': details or {},
        'performed_by': by['performed_by'] or by['orchestrator'],
    }) %}
{%- endmacro %}
