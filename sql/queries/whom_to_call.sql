-- Whom to call first: the hundred customers most likely to leave.
SELECT customer_id, churn_probability, confidence, churn_risk_tier
FROM churn_list
ORDER BY churn_probability DESC, customer_id
LIMIT 100
